/** What the Tab key can reach, but for what is hidden or disabled. */
const STOPS = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable='true']";

const isUsable = (element: Element): boolean =>
  element.isConnected && !element.matches(":disabled") && element.checkVisibility({ visibilityProperty: true });

const isStop = (element: HTMLElement): boolean => element.tabIndex >= 0 && isUsable(element);

/**
 * Who works by keyboard stays where they work: when what has the focus goes away (a rule that is removed, a fix that is
 * done, a button that has nothing more to do), the browser would begin anew at the top of the page. The focus goes to
 * what stands in its place, or else nearest to it.
 */
export function keepFocus(): () => void {
  let had: { element: HTMLElement; above: readonly HTMLElement[]; stops: readonly Element[] } | undefined;
  let asked = 0;

  function remember({ target }: FocusEvent) {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    const above: HTMLElement[] = [];
    for (let parent = target.parentElement; parent; parent = parent.parentElement) above.push(parent);
    had = { element: target, above, stops: [...document.querySelectorAll(STOPS)] };
  }

  function look() {
    asked = 0;
    const now = document.activeElement;
    if (!had || (now && now !== document.body && isUsable(now))) return;
    const { element, above, stops } = had;
    had = undefined;
    // It is still there: somebody has left it.
    if (!isUsable(element)) successor(element, above, stops)?.focus({ preventScroll: true });
  }

  // Once a frame, when the browser knows anyway what is seen.
  const ask = () => (asked ||= requestAnimationFrame(look));
  const observer = new MutationObserver(ask);
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden"],
  });
  addEventListener("focusin", remember);
  addEventListener("focusout", ask);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(asked);
    removeEventListener("focusin", remember);
    removeEventListener("focusout", ask);
  };
}

function successor(
  gone: HTMLElement,
  above: readonly HTMLElement[],
  stops: readonly Element[],
): HTMLElement | undefined {
  // Another part of the page is shown in place of its own: that part's tab.
  if (gone.closest("[role=tabpanel][hidden]"))
    return document.querySelector<HTMLElement>("[role=tab][aria-selected=true]") ?? undefined;
  const before = stops.slice(0, stops.indexOf(gone));
  for (const parent of above) {
    if (!parent.isConnected) continue;
    const left = [...parent.querySelectorAll<HTMLElement>(STOPS)].filter(isStop);
    const at = left.filter((stop) => before.includes(stop)).length;
    if (left.length) return left[Math.min(at, left.length - 1)];
  }
  return undefined;
}
