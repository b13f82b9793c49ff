/** The ways out of a sandbox, as a person reads them before an approval. */

import { expect, test } from "bun:test";
import { networkText } from "../../../src/contract/tasks/words.ts";
import { sampleDecision } from "../../support/tasks.ts";

const { program } = sampleDecision;
const command = { ...program, runner: null };
const hosts = { hosts: ["registry.example:443"] };

test("networkText() names the model for a runner, and never for a fixed command", () => {
  expect([
    networkText({ network: "model", program }),
    networkText({ network: hosts, program }),
    networkText({ network: "none", program }),
    networkText({ network: "model", program: command }),
    networkText({ network: hosts, program: command }),
    networkText({ network: "none", program: command }),
  ]).toEqual([
    "the model only",
    "the model, registry.example:443",
    "none",
    "none",
    "registry.example:443",
    "none",
  ]);
});
