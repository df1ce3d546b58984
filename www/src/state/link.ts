// A link that carries a draft in its fragment, which browsers send to nobody.
import { pack, unpack } from "./packed";
import { fileOf, type Draft } from "./draft";

/** Links longer than this are cut by mail and chat programs. Characters. */
export const LONG = 16_000;
/** More than this a link never unpacks to: a few bytes can be made to swell without end. */
const MOST = 16 * 1024 * 1024;

/** What a page's address asks for. */
export type Asked =
  | { readonly kind: "draft"; readonly draft: Draft }
  | { readonly kind: "template"; readonly id: string }
  | { readonly kind: "broken" };

/** The link to a draft on the page at this address. What it was compared with stays behind. */
export async function linkTo(draft: Draft, page: string): Promise<string> {
  const shared = { ...draft, baseline: { policy: fileOf(draft) } };
  const json = new TextEncoder().encode(JSON.stringify(pack(shared)));
  const packed = new Uint8Array(await collect(through(json, new CompressionStream("deflate-raw"))));
  return `${page}#draft=${base64url(packed)}`;
}

/** The link to a template on the page at this address. */
export const templateLink = (id: string, page: string): string => `${page}#template=${encodeURIComponent(id)}`;

/** What a fragment asks for; undefined if it asks for nothing. */
export async function readLink(fragment: string): Promise<Asked | undefined> {
  const [, kind, value] = /^#(draft|template)=(.*)$/s.exec(fragment) ?? [];
  if (value === undefined) return undefined;
  try {
    if (kind === "template") return { kind, id: decodeURIComponent(value) };
    const bytes = await collect(through(fromBase64url(value), new DecompressionStream("deflate-raw")));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const draft = unpack(JSON.parse(text));
    return draft ? { kind: "draft", draft } : { kind: "broken" };
  } catch {
    return { kind: "broken" };
  }
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).arrayBuffer();
    size += value.length;
    if (size > MOST) throw new Error("too large");
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
}

function base64url(bytes: Uint8Array): string {
  // In parts: a call takes only so many arguments.
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x2000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x2000)));
  return btoa(parts.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}
