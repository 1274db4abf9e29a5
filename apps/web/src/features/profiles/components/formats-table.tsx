import { frameBytes, precisionFormats, precisions } from "@octet/shared/planning/precision";
import { Card } from "@/components/ui/controls";

const fieldColours = { sign: "#ff8a65", exponent: "#a78bfa", fraction: "#5aa9e6", value: "#3ddc97" } as const;
const FULL_HD = { width: 1920, height: 1080 };

const large = (value: number): string =>
  Math.abs(value) > 1e6 ? value.toExponential(1).replace("e+", " · 10^") : value.toLocaleString("en");

/** What the number formats hold, and what a 1080p frame takes in each. */
export function FormatsTable() {
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">The number formats</h2>
      <div className="mt-3 overflow-x-auto">
        <table className="w-full min-w-[34rem] text-sm">
          <thead className="text-left text-xs text-muted [&_th]:pr-4 [&_th]:font-normal">
            <tr>
              <th scope="col">Format</th>
              <th scope="col">Bits</th>
              <th scope="col">Range</th>
              <th scope="col">Decimal digits</th>
              <th scope="col">A 1080p frame</th>
            </tr>
          </thead>
          <tbody>
            {precisions.map((precision) => {
              const { name, bits, range, digits, layout } = precisionFormats[precision];
              return (
                <tr key={precision} className="border-t border-line/60">
                  <th scope="row" className="py-2 text-left font-medium">
                    {name}
                  </th>
                  <td className="pr-4">
                    <span className="font-mono text-xs">{bits}</span>
                    <span
                      className="mt-1 flex h-2 overflow-hidden rounded-sm"
                      style={{ width: `${bits * 5}px` }}
                      title={layout.map(({ field, bits: size }) => `${size} ${field}`).join(", ")}
                    >
                      {layout.map(({ field, bits: size }) => (
                        <span key={field} style={{ width: `${(100 * size) / bits}%`, background: fieldColours[field] }} />
                      ))}
                    </span>
                  </td>
                  <td className="font-mono text-xs">
                    {large(range[0])} … {large(range[1])}
                  </td>
                  <td className="text-xs">{digits}</td>
                  <td className="font-mono text-xs">{(frameBytes(FULL_HD, precision) / 1e6).toFixed(1)} MB</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="mt-2 text-xs text-muted">
        Bits: <span style={{ color: fieldColours.sign }}>sign</span>, <span style={{ color: fieldColours.exponent }}>exponent</span>,{" "}
        <span style={{ color: fieldColours.fraction }}>fraction</span>, <span style={{ color: fieldColours.value }}>value</span>. A frame:
        1920 × 1080 × 3 values.
      </p>
    </Card>
  );
}
