/** `Total (EUR)` -> `total_eur`: a name of any text, the same one each time. */

/** Letters that do not fall apart into a Latin letter and its marks. */
const letters: ReadonlyMap<string, string> = new Map([
  ["ß", "ss"],
  ["ẞ", "ss"],
  ["æ", "ae"],
  ["Æ", "ae"],
  ["œ", "oe"],
  ["Œ", "oe"],
  ["ø", "o"],
  ["Ø", "o"],
  ["đ", "d"],
  ["Đ", "d"],
  ["ł", "l"],
  ["Ł", "l"],
  ["ı", "i"],
]);

/**
 * A text of small letters, digits and _ is one already. Latin letters lose their marks, letters of other scripts stay. `_` at the start stays, because `_id`
 * and `id` are two names. A text without letters and digits becomes its code points; a digit at the start gets `c_` before it.
 * Given its own result it changes nothing.
 */
export function snakeCase(text: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(text)) return text;
  const start = /^_*/.exec(text)?.[0] ?? "";
  const words = plainLetters(text)
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase()
    .normalize("NFC")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
  if (words.length === 0) return `c_${codePoints(text)}`;
  const name = `${start}${words.join("_")}`;
  return /^\p{N}/u.test(name) ? `c_${name}` : name;
}

function plainLetters(text: string): string {
  const unmarked = text.normalize("NFKD").replace(/(\p{Script=Latin})\p{M}+/gu, "$1");
  return [...unmarked].map((letter) => letters.get(letter) ?? letter).join("");
}

function codePoints(text: string): string {
  return [...text].map((sign) => (sign.codePointAt(0) ?? 0).toString(16)).join("_");
}
