/** How a figure of average precision is called: "AP", "AP50"; "AP easy" of WIDER FACE. */
export function apName(figure: string): string {
  return /^ap\d*$/.test(figure) ? figure.toUpperCase() : `AP ${figure}`;
}
