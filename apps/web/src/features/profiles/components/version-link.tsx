import { Link } from "@/components/ui/link";
import type { Profile } from "./figures";

/** A version of a data set, by name. */
export function VersionLink({ of: { versionId, name, version } }: { of: NonNullable<Profile["validatedOn"]> }) {
  return (
    <Link href={`/datasets/${versionId}`} className="underline underline-offset-2">
      {name} v{version}
    </Link>
  );
}
