import { checkConfiguration, type Place } from "./configuration-check.js";
import { type Problem, problem } from "./configuration-problem.js";

/**
 * What is wrong with a file, as everybody may be told it: with no name that only the files below it define, since these may be
 * for fewer eyes. What is wrong is found with them; it is told in the words that are found without them.
 */
export function checkForEverybody(content: unknown, place: Place): readonly Problem[] {
  const sayable = new Map(checkConfiguration(content, { ...place, below: [] }).map((one) => [placeOf(one), one]));
  return checkConfiguration(content, place).map((one) => {
    const told = sayable.get(placeOf(one));
    return (
      told ?? problem(one.steps, { marks: one.marks, expected: "what fits the organisation's file", found: "what does not" })
    );
  });
}

const placeOf = ({ path, marks }: Problem): string => `${marks} ${path}`;
