import { navigations } from "@/components/shell/navigations";

// Next runs this file before the page, and calls the function below whenever its router sets out for an address.
export function onRouterTransitionStart(url: string, type: "push" | "replace" | "traverse"): void {
  navigations.begin(url, type);
}

window.addEventListener("beforeunload", () => navigations.leaving());
// A page that comes back as it was left is not on its way any more.
window.addEventListener("pageshow", ({ persisted }) => persisted && navigations.finish());
