/** The first table of a comment, row by row: the stage's name and what stands as its lead time. */
export function stageRows(comment: string | undefined): [stage: string, leadTime: string][] {
  const rows = (comment ?? "").split("<summary>")[0]?.match(/^\| [^-].*\|$/gm) ?? [];
  return rows.slice(1).map((row) => {
    const [, , stage = "", leadTime = ""] = row.split("|").map((cell) => cell.trim());
    return [stage, leadTime];
  });
}
