--- The ways to authorize, and what to know of each before choosing it. What they do is in airlock.playground.flows.

local json = require "airlock.emulator.http.json"

local ways = {
  {
    name = "client_credentials", title = "Client credentials", behalf = "the application itself",
      advice = "recommended",
    best = "Scripts, services and jobs that act as themselves, with nobody at the screen.",
    why = "The secret never leaves the machine that keeps it, and the token is short-lived.",
    source = "RFC 6749 section 4.4", asks = { "scope" }, secret = true,
  },
  {
    name = "authorization_code", title = "Authorization code", behalf = "a user", advice = "recommended",
    best = "Everything that acts for a user: web applications, desktop tools, editors.",
    why = "The user signs in at the server alone; PKCE binds the code to the program that asked for it.",
    source = "RFC 6749 section 4.1, RFC 7636", asks = { "scope", "pkce", "offline", "person" }, browser = true,
  },
  {
    name = "device_code", title = "Device code", behalf = "a user", advice = "recommended",
    best = "Programs without a browser: terminals, televisions, machines reached over SSH.",
    why = "The user signs in on another device; the program only shows a short code. Space never had it; the emulator "
      .. "does.",
    source = "RFC 8628", asks = { "scope", "person" }, browser = true,
  },
  {
    name = "permanent_token", title = "Permanent token", behalf = "a user or the application", advice = "with care",
    best = "A first try, or a script of your own on a machine of your own.",
    why = "Nothing to set up, but it lasts until somebody revokes it: whoever finds it can use it.",
    source = "RFC 6750", asks = { "scope", "token" },
  },
  {
    name = "refresh_token", title = "Refresh token", behalf = "a user", advice = "recommended",
    best = "Going on with a login of earlier, without asking the user again.",
    why = "It comes from a login with offline access; only the application that got it can use it.",
    source = "RFC 6749 section 6", asks = { "scope", "narrow", "token" },
  },
  {
    name = "implicit", title = "Implicit", behalf = "a user", advice = "deprecated",
    best = "Nothing new. Programs inside a browser used it before they could use the code flow.",
    why = "The token travels in a URL, where histories and logs keep it, and there is no refresh token (RFC 9700 "
      .. "section 2.1.2).",
    source = "RFC 6749 section 4.2", asks = { "scope", "person" }, browser = true,
  },
  {
    name = "password", title = "Password", behalf = "a user", advice = "not recommended",
    best = "Nothing new. Migrating programs that keep passwords already.",
    why = "The program sees the password, and no second factor can take part (RFC 9700 section 2.4).",
    source = "RFC 6749 section 4.3", asks = { "scope", "offline", "login" },
  },
}

for _, way in ipairs(ways) do
  json.list(way.asks)
  ways[way.name] = way
end

return ways
