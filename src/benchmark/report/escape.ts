const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and XML, in elements and in attributes. What XML 1.0 does not allow at all becomes a question mark. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '?')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
