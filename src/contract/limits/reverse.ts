/** Limits of reverse connections: a machine dials them so that its peer can call. */

/** Such connections of one peer: two asks at once, and one call of another kind. */
export const reverseConnectionsMax = 3;
/** Each carries a hello of its own this often, so that address translations keep its state. */
export const reverseHelloMs = 45_000;
/** A connection without a request for this long is dead: three hellos were missed. */
export const reverseSilenceMs = 150_000;
/** The system asks the other end of such a connection whether it lives, after this much silence. */
export const reverseProbeMs = 15_000;
/** The time to notify a peer of the end of its pairing: its connections close within a second. */
export const revokeNoticeMs = 900;
/** A peer that is called over its own connections is dialled this often, ± `helloJitter`. */
export const dialAgainMs = 600_000;
/** A peer refuses this machine only when it rejects one credential twice, this far apart. */
export const rejectionGapMs = 2_000;
/** A rejection this soon after an exchange of tokens proves nothing: the two may have crossed. */
export const exchangeCalmMs = 5_000;
