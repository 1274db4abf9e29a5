import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Providers } from "@/components/shell/providers";
import "./globals.css";

export const metadata: Metadata = { title: { default: "Octet", template: "%s · Octet" }, description: "Detection on a wall of cameras" };
export const viewport: Viewport = { themeColor: [{ media: "(prefers-color-scheme: dark)", color: "#0b0f0d" }, { color: "#f4f5f3" }] };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <body className="min-h-dvh font-sans text-sm antialiased">
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
