/** Names of the boards to start from; templates.ts has what they hold. */

/** In the order in which they are offered. `welcome` is what a newcomer's first board holds. */
export const TEMPLATE_NAMES = ['welcome', 'blank', 'team', 'sprint', 'bugs', 'personal'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** Whether `text` names a template. */
export function isTemplateName(text: string): text is TemplateName {
  return (TEMPLATE_NAMES as readonly string[]).includes(text);
}
