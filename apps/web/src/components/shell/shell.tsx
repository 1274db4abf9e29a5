"use client";
import {
  Bell,
  Boxes,
  Calculator,
  Cctv,
  Images,
  LayoutGrid,
  ListChecks,
  LogOut,
  MonitorCog,
  Moon,
  Scale,
  ScanFace,
  Server,
  Settings,
  Sun,
} from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import type { ReactNode } from "react";
import { Link } from "@/components/ui/link";
import { AlarmBadge, AlarmBell } from "@/features/alarms/components/alarm-bell";
import { useConnected, useLiveInvalidation } from "@/features/live/use-live";
import { cn } from "@/lib/cn";

const pages = [
  { href: "/", label: "Wall", icon: LayoutGrid },
  { href: "/cameras", label: "Cameras", icon: Cctv },
  { href: "/detections", label: "Detections", icon: ScanFace },
  { href: "/models", label: "Models", icon: Boxes, begins: true },
  { href: "/datasets", label: "Data sets", icon: Images },
  { href: "/precision", label: "Precision", icon: Scale },
  { href: "/planner", label: "Planner", icon: Calculator },
  { href: "/alarms", label: "Alarms", icon: Bell, begins: true },
  { href: "/jobs", label: "Jobs", icon: ListChecks },
  { href: "/workers", label: "Workers", icon: Server },
  { href: "/settings", label: "Settings", icon: Settings },
] satisfies { href: string; label: string; icon: typeof Cctv; begins?: boolean }[];

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
      <path d="M10 2h12l8 8v12l-8 8H10l-8-8V10z" className="fill-accent" />
      <path
        d="M9 13V9h4M19 9h4v4M23 19v4h-4M13 23H9v-4"
        fill="none"
        className="stroke-accent-ink"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="3" className="fill-accent-ink" />
    </svg>
  );
}

function ThemeToggle() {
  const { theme, setTheme } = useTheme();
  const next = { system: "light", light: "dark", dark: "system" }[theme ?? "system"] ?? "system";
  return (
    <button
      type="button"
      onClick={() => setTheme(next)}
      className="cursor-pointer rounded-md p-2 text-muted hover:bg-raised hover:text-ink"
      aria-label={`Theme: switch to ${next}`}
      title={`Theme: switch to ${next}`}
      suppressHydrationWarning
    >
      {theme === "dark" ? <Moon className="size-4" /> : theme === "light" ? <Sun className="size-4" /> : <MonitorCog className="size-4" />}
    </button>
  );
}

function SignOut() {
  const router = useRouter();
  const leave = async (): Promise<void> => {
    await fetch("/api/auth/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    router.push("/sign-in");
    router.refresh();
  };
  return (
    <button
      type="button"
      onClick={() => void leave()}
      className="cursor-pointer rounded-md p-2 text-muted hover:bg-raised hover:text-ink"
      aria-label="Sign out"
      title="Sign out"
    >
      <LogOut className="size-4" />
    </button>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  const path = usePathname();
  const connected = useConnected();
  useLiveInvalidation();
  const isHere = (href: string): boolean => (href === "/" ? path === "/" : path.startsWith(href));
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[12.5rem_1fr]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-surface focus:p-2"
      >
        Skip to the page
      </a>
      <aside className="hidden border-r border-line bg-surface md:sticky md:top-0 md:flex md:h-dvh md:flex-col md:p-3">
        <Link href="/" className="mb-6 flex items-center gap-2.5 px-2 pt-1 text-base font-semibold tracking-tight">
          <Mark /> Octet
        </Link>
        <nav aria-label="Pages" className="grid gap-0.5">
          {pages.map(({ href, label, icon: Icon, begins }) => (
            <Link
              key={href}
              href={href}
              aria-current={isHere(href) ? "page" : undefined}
              className={cn(
                "flex items-center gap-3 rounded-md px-3 py-2 text-muted hover:bg-raised hover:text-ink",
                isHere(href) && "bg-raised font-medium text-ink",
                begins && "mt-3",
              )}
            >
              <Icon className={cn("size-4", isHere(href) && "text-accent")} aria-hidden /> {label}
              {href === "/alarms" && <AlarmBadge />}
            </Link>
          ))}
        </nav>
        <div className="mt-auto flex items-center border-t border-line pt-2">
          <span className="mr-auto flex items-center gap-2 px-2 text-xs text-muted" role="status">
            <span className={cn("size-2 rounded-full", connected ? "bg-ok" : "bg-warn")} /> {connected ? "Live" : "Connecting"}
          </span>
          <ThemeToggle />
          <SignOut />
        </div>
      </aside>
      <header className="flex items-center gap-2 border-b border-line bg-surface px-4 py-2 md:hidden">
        <Mark />
        <span className="mr-auto font-semibold">Octet</span>
        <span
          className={cn("size-2 rounded-full", connected ? "bg-ok" : "bg-warn")}
          role="status"
          aria-label={connected ? "Live" : "Connecting"}
        />
        <AlarmBell />
        <ThemeToggle />
        <SignOut />
      </header>
      <main id="main" className="min-w-0 p-4 pb-24 md:p-6 md:pb-6">
        {children}
      </main>
      <nav
        aria-label="Pages"
        className="fixed inset-x-0 bottom-0 z-30 grid auto-cols-[minmax(4.25rem,1fr)] grid-flow-col overflow-x-auto border-t border-line bg-surface md:hidden"
      >
        {pages.map(({ href, label, icon: Icon }) => (
          <Link
            key={href}
            href={href}
            aria-current={isHere(href) ? "page" : undefined}
            className={cn("grid justify-items-center gap-1 py-2 text-[0.65rem] text-muted", isHere(href) && "text-accent")}
          >
            <Icon className="size-5" aria-hidden /> {label}
          </Link>
        ))}
      </nav>
    </div>
  );
}
