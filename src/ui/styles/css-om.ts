import { nothing } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/** CSS properties (custom ones included) by name; null removes one. */
export type CssValues = Readonly<Record<string, string | null>>;

/**
 * Sets styles on an element through the CSS object model only. Lit's own styleMap writes a `style` attribute on its
 * first render, which our content security policy (no 'unsafe-inline') refuses.
 */
class CssOmDirective extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('cssOm stands on an element, not in an attribute');
  }

  override update(part: ElementPart, [values]: [CssValues]): typeof nothing {
    const style = (part.element as HTMLElement).style;
    for (const [name, value] of Object.entries(values)) {
      if (value === null) style.removeProperty(name);
      else if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return nothing;
  }

  override render(_values: CssValues): typeof nothing {
    return nothing;
  }
}

/** `<div ${cssOm({ width: '4px' })}>`: styles that depend on data, allowed by a strict content security policy. */
export const cssOm = directive(CssOmDirective);
