/** A file's name of the name that people know a model by: a report names the file that it read. */
export function modelFileName(name: string): string {
  const plain = name
    .replace(/\.onnx$/i, "")
    .replaceAll(/[^\w.-]+/g, "_")
    .replace(/^\.+/, "")
    .slice(0, 80);
  return `${plain || "model"}.onnx`;
}
