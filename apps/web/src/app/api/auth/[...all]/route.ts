import { handleAuth } from "@/server/auth";

export const dynamic = "force-dynamic";

export { handleAuth as GET, handleAuth as POST };
