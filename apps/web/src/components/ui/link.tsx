import NextLink from "next/link";
import type { ComponentProps } from "react";

/**
 * Next's link without its prefetching. Every page here is rendered for each request, so that all a prefetch brings is a page's
 * title, at two requests a link in view; and a click on a link whose prefetch gets no answer would wait for that without end.
 */
export function Link(props: Omit<ComponentProps<typeof NextLink>, "prefetch">) {
  return <NextLink {...props} prefetch={false} />;
}
