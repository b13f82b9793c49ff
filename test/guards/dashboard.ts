/** Guards of the dashboard: its secrets, its origin, its surface. */

import type { Guard } from "./guard.ts";

/** The lines that keep others out of the dashboard. */
export const dashboardGuards: readonly Guard[] = [
  {
    name: "the dashboard's data needs the bearer",
    source: "src/dashboard/server.ts",
    find: '!serving.session.admits(headers.get("authorization"))',
    replace: "serving.session === undefined",
    file: "test/dashboard/refusals.test.ts",
    test: "data without the bearer",
  },
  {
    name: "a page that posts says that it is the dashboard's",
    source: "src/dashboard/server.ts",
    find: '(!isPost || headers.get("origin") === origin)',
    replace: 'headers.get("origin") !== ""',
    file: "test/dashboard/refusals.test.ts",
    test: "when a POST has no Origin",
  },
  {
    name: "the dashboard hands on the rows of its surface alone",
    source: "src/dashboard/server.ts",
    find: 'row?.surfaces.includes("dashboard") === true',
    replace: "row !== undefined",
    file: "test/dashboard/refusals.test.ts",
    test: "rows that are not on this surface",
  },
  {
    name: "a reload of the dashboard needs the tab's bearer",
    source: "src/dashboard/server.ts",
    find: 'if (session.admits(request.headers.get("authorization"))) {',
    replace: "if (body.length < 3) {",
    file: "test/dashboard/session.test.ts",
    test: "lets its tab in again by the bearer",
  },
  {
    name: "a link is exchanged once",
    source: "src/dashboard/session.ts",
    find: 'if (state === "used") return "used";',
    replace: "",
    file: "test/dashboard/session.test.ts",
    test: "used by two at the same moment",
  },
];
