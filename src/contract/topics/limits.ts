/** Limits of topics, each with its reason. */

/** Topics with a subscriber on one machine: more than a team's projects have. */
export const topicsMax = 200;
/** Subscribers of one topic on a machine: its message is stored once for each. */
export const subscribersMax = 16;
/** Bytes of a topic's digest in a hello: chance makes no pair among so few. */
export const topicDigestBytes = 8;
/** Characters of the digests of all topics. */
export const topicsTextMax = Math.ceil((topicsMax * topicDigestBytes * 4) / 3);
