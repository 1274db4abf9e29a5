import { codecNames, codecs } from "@octet/shared/planning/nvdec";

/** Of a select. */
export const CodecOptions = () =>
  codecs.map((codec) => (
    <option key={codec} value={codec}>
      {codecNames[codec]}
    </option>
  ));
