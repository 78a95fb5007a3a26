/** A text that may hold a URL, without the user name and password of that URL: messages and names end up in logs. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/?#\s]*@/g, '//');
}
