/**
 * node:assert/strict but for `ok`: without a message that one parses its source to say what was false, which takes
 * minutes where a test has been compiled into one line. The stack tells the line as well.
 */

import strict from "node:assert/strict";

interface Assert extends Pick<typeof strict, "equal" | "notEqual" | "deepEqual" | "match" | "doesNotMatch"> {
  ok(value: unknown, message?: string): asserts value;
}

const assert: Assert = {
  equal: strict.equal,
  notEqual: strict.notEqual,
  deepEqual: strict.deepEqual,
  match: strict.match,
  doesNotMatch: strict.doesNotMatch,
  ok: (value, message = "what is asserted here does not hold") => strict.ok(value, message),
};

export default assert;
