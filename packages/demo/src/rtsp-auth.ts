import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export interface Credentials {
  username: string;
  password: string;
}

const REALM = "Octet demo";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

function equal(a: string, b: string): boolean {
  const [x, y] = [createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest()];
  return timingSafeEqual(x, y);
}

/** RTSP authentication of one connection: Digest (RFC 2617, MD5, as cameras do) and Basic. */
export class RtspAuth {
  readonly #credentials: Credentials | undefined;
  readonly #nonce = randomBytes(16).toString("hex");

  constructor(credentials: Credentials | undefined) {
    this.#credentials = credentials;
  }

  /** The challenges that go with a 401. */
  get challenges(): string[] {
    return [`Digest realm="${REALM}", nonce="${this.#nonce}", algorithm="MD5"`, `Basic realm="${REALM}"`];
  }

  /** @param header the request's Authorization header */
  accepts(method: string, header: string | undefined): boolean {
    if (!this.#credentials) return true;
    if (!header) return false;
    const { username, password } = this.#credentials;
    if (/^basic /i.test(header)) return equal(Buffer.from(header.slice(6), "base64").toString(), `${username}:${password}`);
    const fields = Object.fromEntries([...header.matchAll(/(\w+)="?([^",]*)"?/g)].map((match) => [match[1]!.toLowerCase(), match[2]!]));
    if (fields["nonce"] !== this.#nonce || fields["username"] !== username) return false;
    const expected = md5(`${md5(`${username}:${REALM}:${password}`)}:${this.#nonce}:${md5(`${method}:${fields["uri"] ?? ""}`)}`);
    return equal(expected, fields["response"] ?? "");
  }
}
