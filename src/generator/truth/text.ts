/**
 * Blanks around it removed; a letter that follows no letter or digit large, the others small: " home & GARDEN " -> "Home & Garden".
 */
export function titleCase(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/(?<![\p{L}\p{N}])\p{L}/gu, (letter) => letter.toUpperCase());
}
