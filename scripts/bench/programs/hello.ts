/** The least that a compiled program can be. */

process.stdout.write("hello\n");
