/** The limits of a model endpoint, with their units in the name. Loads nothing. */

/** Bytes of a request's head: the clients' longest has 4,000. */
export const headBytesMax = 32_768;
/** Bytes of a request's body: a conversation of a million tokens, with some images. */
export const bodyBytesMax = 8_388_608;
/** Bytes of all requests that are being received at once. */
export const keptBytesMax = 33_554_432;
/** Connections at once; more are closed as they come. */
export const connectionsMax = 32;
/** Requests that are with the model at once; further ones wait. */
export const repliesMax = 4;
/** The time in which a request must be there, head and body. */
export const requestMs = 30_000;
/** From a refusal to the end of its connection. */
export const lingerMs = 100;
/** The time of one reply, and its bytes. */
export const replyMs = 1_200_000;
export const replyBytesMax = 67_108_864;
/** A longer line of a reply is passed on, and never searched for usage. */
export const usageLineBytesMax = 4_194_304;
/** The least output that a reply needs: with money for less, the sum counts as reached. */
export const outputTokensMin = 4_096;
/** Tokens of an image, at most. */
export const imageTokensMax = 10_000;
/** Entries of the list of refused requests, and of reached hosts. */
export const listedMax = 64;
/** The time to reach a host of a tunnel. */
export const tunnelMs = 15_000;
/** The port of the endpoint inside the sandbox, whose network is its own. */
export const insidePort = 8_080;
/** The endpoint's address inside the sandbox. */
export const endpointInside = `http://127.0.0.1:${insidePort}`;
