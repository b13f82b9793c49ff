/** The least that a compiled program can be. */

// Not by process.stdout, which loads the streams of node: that takes longer than all else here.
console.log("hello");
