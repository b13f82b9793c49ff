/** Settings by which an agent is kept from running peernet. */

/** A file that switches something off, and how it is told: the rest of `by`. */
export type Sample = readonly [part: "mcp" | "hooks", path: string, text: string, by: string];

/** The file of Claude Code's administrator. */
export const managed = "etc/claude-code/managed-settings.json";
/** By agent. */
export const samples: Readonly<Record<string, readonly Sample[]>> = {
  "claude-code": [
    ["hooks", "~/.claude/settings.json", '{"disableAllHooks": true}', "disableAllHooks is true"],
    [
      "hooks",
      "~/src/app/.claude/settings.json",
      '{"disableAllHooks": true}',
      "disableAllHooks is true",
    ],
    [
      "hooks",
      "~/src/app/.claude/settings.local.json",
      '\ufeff{"disableAllHooks": true}',
      "disableAllHooks is true",
    ],
    ["hooks", managed, '{"allowManagedHooksOnly": true}', "allowManagedHooksOnly is true"],
    [
      "hooks",
      "etc/claude-code/managed-settings.d/9.json",
      '{"disableAllHooks": true}',
      "disableAllHooks is true",
    ],
    [
      "mcp",
      managed,
      '{"deniedMcpServers": [{"serverName": "other"}, {"serverName": "peernet"}]}',
      "deniedMcpServers has peernet",
    ],
    [
      "mcp",
      managed,
      '{"deniedMcpServers": [{"serverCommand": ["/opt/peernet", "mcp"]}]}',
      "deniedMcpServers has peernet",
    ],
    ["mcp", managed, '{"allowedMcpServers": []}', "allowedMcpServers is without peernet"],
    [
      "mcp",
      managed,
      '{"allowedMcpServers": [{"serverName": "other"}]}',
      "allowedMcpServers is without peernet",
    ],
    [
      "mcp",
      "etc/claude-code/managed-mcp.json",
      '{"mcpServers": {}}',
      "mcpServers is without peernet",
    ],
    [
      "mcp",
      "~/.claude/settings.json",
      '{"permissions": {"deny": ["mcp__peernet"]}}',
      "permissions.deny has mcp__peernet",
    ],
    [
      "mcp",
      "~/.claude.json",
      '{"projects": {"HOME/src/app": {"disabledMcpServers": ["peernet"]}}}',
      "projects.HOME/src/app.disabledMcpServers has peernet",
    ],
    [
      "mcp",
      "~/.claude.json",
      '{"mcpServers": {"peernet": {"command": "/opt/peernet", "args": ["mcp"], "disabled": true}}}',
      "mcpServers.peernet.disabled is true",
    ],
  ],
  codex: [
    [
      "mcp",
      "~/.codex/config.toml",
      '[mcp_servers.peernet]\ncommand = "/opt/peernet"\nargs = ["mcp"]\nenabled = false\n',
      "mcp_servers.peernet.enabled is false",
    ],
    ["hooks", "~/.codex/config.toml", "[features]\nhooks = false\n", "features.hooks is false"],
    [
      "hooks",
      "~/.codex/config.toml",
      "[features]\ncodex_hooks = false\n",
      "features.codex_hooks is false",
    ],
    [
      "hooks",
      "etc/codex/managed_config.toml",
      "[features]\nhooks = false\n",
      "features.hooks is false",
    ],
    [
      "hooks",
      "etc/codex/requirements.toml",
      "[features]\nhooks = false\n",
      "features.hooks is false",
    ],
    [
      "hooks",
      "etc/codex/requirements.toml",
      "allow_managed_hooks_only = true\n",
      "allow_managed_hooks_only is true",
    ],
    [
      "mcp",
      "etc/codex/requirements.toml",
      '[mcp_servers.docs.identity]\ncommand = "x"\n',
      "mcp_servers is without this peernet",
    ],
    [
      "mcp",
      "etc/codex/requirements.toml",
      '[mcp_servers.peernet.identity]\ncommand = "x"\n',
      "mcp_servers is without this peernet",
    ],
    [
      "mcp",
      "etc/codex/managed_config.toml",
      "[mcp_servers.peernet]\nenabled = false\n",
      "mcp_servers.peernet.enabled is false",
    ],
  ],
  "gemini-cli": [
    [
      "mcp",
      "~/.gemini/settings.json",
      '{"mcp": {"excluded": ["a", "peernet"]}}',
      "mcp.excluded has peernet",
    ],
    [
      "mcp",
      "~/.gemini/settings.json",
      '{"mcp": {"allowed": ["a"]}}',
      "mcp.allowed is without peernet",
    ],
    [
      "mcp",
      "~/.gemini/settings.json",
      '{"excludeMCPServers": ["peernet"]}',
      "excludeMCPServers has peernet",
    ],
    [
      "mcp",
      "etc/gemini-cli/settings.json",
      '{"admin": {"mcp": {"enabled": false}}}',
      "admin.mcp.enabled is false",
    ],
    [
      "mcp",
      "~/.gemini/mcp-server-enablement.json",
      '{"peernet": {"enabled": false}}',
      "peernet.enabled is false",
    ],
  ],
  "qwen-code": [
    [
      "mcp",
      "~/.qwen/settings.json",
      '{"mcp": {"excluded": ["peernet"]}}',
      "mcp.excluded has peernet",
    ],
    [
      "mcp",
      "etc/qwen-code/settings.json",
      '{"mcp": {"allowed": ["a"]}}',
      "mcp.allowed is without peernet",
    ],
  ],
  opencode: [
    [
      "mcp",
      "~/.config/opencode/opencode.jsonc",
      '{"mcp": {"peernet": {"command": ["/opt/peernet", "mcp"], "enabled": false}}}',
      "mcp.peernet.enabled is false",
    ],
    [
      "mcp",
      "~/.config/opencode/opencode.json",
      '{"tools": {"peernet*": false}}',
      "tools.peernet* is false",
    ],
    [
      "mcp",
      "etc/opencode/opencode.json",
      '{"mcp": {"peernet": {"enabled": false}}}',
      "mcp.peernet.enabled is false",
    ],
  ],
  copilot: [
    [
      "mcp",
      "~/.copilot/settings.json",
      '{"disabledMcpServers": ["peernet"]}',
      "disabledMcpServers has peernet",
    ],
    [
      "mcp",
      "~/.copilot/config.json",
      '{"disabled_mcp_servers": ["peernet"]}',
      "disabled_mcp_servers has peernet",
    ],
  ],
};
