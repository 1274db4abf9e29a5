import { Card } from "@/components/ui/controls";
import { ago, ms } from "@/lib/format";
import type { Profile } from "./figures";

/** What other hosts made of a profile, each by its newest benchmark. */
export function OtherHosts({ hosts }: { hosts: Profile["elsewhere"] }) {
  if (hosts.length === 0) return null;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">On other hosts</h2>
      <div className="mt-3 overflow-x-auto">
        <table className="w-full min-w-[36rem] text-sm">
          <thead className="text-left text-xs text-muted [&_th]:pr-4 [&_th]:font-normal">
            <tr>
              <th scope="col">Host</th>
              <th scope="col">p50</th>
              <th scope="col">p99</th>
              <th scope="col">Images/s</th>
              <th scope="col">Gain</th>
              <th scope="col">Streams</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody className="font-mono text-xs [&_td]:pr-4">
            {hosts.map(({ hostname, device, provider, at, p50, p99, imagesPerSecond, speedup, streams }) => (
              <tr key={hostname} className="border-t border-line/60">
                <th scope="row" className="py-1.5 pr-4 text-left font-sans font-medium">
                  {hostname}
                  <span className="block text-xs font-normal text-muted">
                    {device}, {provider}
                  </span>
                </th>
                <td>{ms(p50)}</td>
                <td>{ms(p99)}</td>
                <td>{imagesPerSecond.toFixed(1)}</td>
                <td>{speedup === null ? "–" : `${speedup.toFixed(2)}×`}</td>
                <td>{streams ? `${streams.held} of ${streams.asked}` : "–"}</td>
                <td suppressHydrationWarning>{ago(Date.parse(at))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
