// Program tailnet-control is a coordination server for tests: one tailnet whose machines all
// belong to one user, but those whose host name starts with "stranger". It keeps everything in
// memory, relays between machines that cannot reach each other, and lets in whoever has its key:
// run it inside a network of your own only.
//
// It is Tailscale's own test server with a command line. To build it and what it coordinates, with
// Go 1.26.6 or newer, into a folder on the path:
//
//	export GOBIN=/usr/local/bin
//	go install tailscale.com/cmd/tailscaled@v1.102.5
//	go install tailscale.com/cmd/tailscale@v1.102.5
//	mkdir /tmp/tailnet-control && cp main.go /tmp/tailnet-control && cd /tmp/tailnet-control
//	go mod init tailnet-control && go get tailscale.com@v1.102.5 && go mod tidy && go install .
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"tailscale.com/derp/derpserver"
	"tailscale.com/net/stunserver"
	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
	"tailscale.com/types/key"
	"tailscale.com/types/logger"
)

// Two users whose numbers are one number to whoever reads them as a double.
var (
	ada = tailcfg.UserProfile{ID: 9007199254740993, LoginName: "ada@lab.invalid"}
	bob = tailcfg.UserProfile{ID: 9007199254740992, LoginName: "bob@lab.invalid"}
)

func main() {
	address := flag.String("address", "", "the IP address to listen on")
	port := flag.String("port", "9911", "the port to listen on")
	tailnet := flag.String("tailnet", "lab.invalid", "the domain under which machines get names")
	authKey := flag.String("auth-key", "", "the key that a machine must show to join")
	flag.Parse()
	if _, err := netip.ParseAddr(*address); err != nil {
		log.Fatalf("-address: %v", err)
	}

	control := &testcontrol.Server{
		Logf:             logger.Discard,
		DERPMap:          relay(*address),
		DNSConfig:        &tailcfg.DNSConfig{Proxied: true, Domains: []string{*tailnet}},
		MagicDNSDomain:   *tailnet,
		RequireAuthKey:   *authKey,
		TagOwners:        map[string][]string{"tag:server": {"tag:server"}},
		AllOnline:        true,
		AllNodesSameUser: true,
		ExplicitBaseURL:  "http://" + net.JoinHostPort(*address, *port),
	}
	control.HoldMapRequest = func(request *tailcfg.MapRequest) func() {
		assign(control, request.NodeKey)
		return nil
	}
	control.ModifyFirstMapResponse = func(response *tailcfg.MapResponse, _ *tailcfg.MapRequest) {
		response.UserProfiles = append(response.UserProfiles, ada, bob)
	}
	log.Fatal(http.ListenAndServe(net.JoinHostPort(*address, *port), control))
}

// assign gives a machine to its user.
func assign(control *testcontrol.Server, nodeKey key.NodePublic) {
	node := control.Node(nodeKey)
	if node == nil {
		return
	}
	user := ada.ID
	if strings.HasPrefix(node.Name, "stranger") {
		user = bob.ID
	}
	if node.User == user {
		return
	}
	node.User = user
	control.UpdateNode(node)
}

// relay starts a relay on an address and tells where it is.
func relay(address string) *tailcfg.DERPMap {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		log.Fatalf("relay: %v", err)
	}
	relaying := derpserver.New(key.NewNode(), logger.Discard)
	server := httptest.NewUnstartedServer(derpserver.Handler(relaying))
	server.Listener.Close()
	server.Listener = listener
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()

	stun := stunserver.New(context.Background())
	if err := stun.Listen(net.JoinHostPort(address, "0")); err != nil {
		log.Fatalf("stun: %v", err)
	}
	go stun.Serve()

	const region = 1
	return &tailcfg.DERPMap{
		OmitDefaultRegions: true,
		Regions: map[int]*tailcfg.DERPRegion{region: {
			RegionID:   region,
			RegionCode: "lab",
			Nodes: []*tailcfg.DERPNode{{
				Name:             "lab",
				RegionID:         region,
				HostName:         address,
				IPv4:             address,
				IPv6:             "none",
				DERPPort:         listener.Addr().(*net.TCPAddr).Port,
				STUNPort:         stun.LocalAddr().(*net.UDPAddr).Port,
				InsecureForTests: true,
			}},
		}},
	}
}
