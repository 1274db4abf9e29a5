import { NavigationWatch } from "./navigation-watch";

/** The watch of this browser tab. */
export const navigations = new NavigationWatch({
  href: () => window.location.href,
  load: (href) => window.location.assign(href),
  now: () => performance.now(),
});
