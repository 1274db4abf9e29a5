import { Link } from "@/components/ui/link";

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-6 text-center">
      <div>
        <p className="font-mono text-muted">404</p>
        <h1 className="mt-2 text-xl font-semibold">There is nothing at this address</h1>
        <Link href="/" className="mt-4 inline-block text-accent underline">
          Back to the wall
        </Link>
      </div>
    </main>
  );
}
