--- The pages that a person sees. Each is a reply that also tells its form as data: `form = { action, fields }`, and
--- `says`.

local html = require "airlock.emulator.browser.html"
local reply = require "airlock.emulator.http.reply"
local trim = require "airlock.trim"
local words = require "airlock.emulator.browser.permission_text"

local view = {}

local document = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {organization}</title>
<link rel="stylesheet" href="/emulator.css">
</head>
<body>
<main>
<header>
<svg viewBox="0 0 40 40" role="img" aria-label="Airlock emulator"><rect width="40" height="40" rx="9"
  fill="currentColor"/><circle cx="20" cy="20"
 r="11" fill="none" stroke="var(--card)" stroke-width="3"/><path d="M20 9v22M20 20h11"
  stroke="var(--card)" stroke-width="3"/></svg>
<p><span class="organization">{organization}</span>{=slogan}</p>
</header>
{=content}
<footer>A Space that runs on this machine: the Airlock emulator</footer>
</main>
</body>
</html>
]]

local function page(emulator, status, title, content)
  local org = emulator.organization
  local slogan = org.slogan and html.fill('<br><span class="slogan">{slogan}</span>', { slogan = org.slogan }) or ""
  return reply.page(status, html.fill(document, { title = title, organization = org.name, slogan = slogan,
    content = content }))
end

local function hidden(visitor)
  return html.fill('<input type="hidden" name="csrf" value="{csrf}">', { csrf = visitor.csrf })
end

-- What a page's form would send, for whoever fills it without a browser.
local function with_form(r, visitor, action, says, kind)
  r.form = { action = action, fields = { csrf = visitor.csrf }, kind = kind }
  r.says = says
  return r
end

local function complaint(text)
  return text and html.fill('<p class="bad" role="alert">{text}</p>\n', { text = text }) or ""
end

local login = [[
<h1>Sign in</h1>
<p class="soft">to go on to {goal}</p>
{=complaint}<form method="post" action="{action}">
{=hidden}
<label for="username">Username</label>
<input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false"
  required{=fresh} value="{username}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{=again}>
<div class="buttons"><button class="first" type="submit">Sign in</button></div>
</form>
]]

--- The page that asks who it is.
---@param visitor table
---@param ticket table
---@param goal string where the login leads
---@param tried string? the username of a try that failed
---@return table reply
function view.login(visitor, ticket, goal, tried)
  local wrong = tried and "The username or the password is wrong." or nil
  local action = "/oauth/login/" .. ticket.id
  local content = html.fill(login, { goal = goal, complaint = complaint(wrong), action = action,
    hidden = hidden(visitor),
    username = tried or "", fresh = tried and "" or " autofocus", again = tried and " autofocus" or "" })
  -- not 401, which would have to name a scheme: the person isn't asked for one
  return with_form(page(visitor.emulator, tried and 403 or 200, "Sign in", content), visitor, action, wrong, "login")
end

local consent = [[
<h1>{application}</h1>
<p>wants to do the following on your behalf:</p>
<ul class="permissions" role="list">
{=permissions}</ul>
{=code}<form method="post" action="{action}">
{=hidden}
<p class="who">You are signed in as {name} ({username}).
<button class="plain" type="submit" name="answer" value="other">Not you?</button></p>
<div class="buttons">
<button type="submit" name="answer" value="cancel">Cancel</button>
<button class="first" type="submit" name="answer" value="accept">Accept</button>
</div>
</form>
]]

local function permissions(emulator, request)
  local out = {}
  for i, line in ipairs(words.of(request.scope)) do
    local note = line.code and html.fill(" <span>{where}</span> <code>{code}</code>", line) or ""
    out[i] = html.fill("<li>{what}{=note}</li>\n", { what = line.what, note = note })
  end
  if request.offline then
    out[#out + 1] = html.fill("<li>Access {organization} while you are offline</li>\n",
      { organization = emulator.organization.name })
  end
  return table.concat(out)
end

--- The page that asks whether an application may.
---@param visitor table logged in
---@param ticket table
---@param request table `{ application, scope, offline, user_code? }`
---@return table reply
function view.consent(visitor, ticket, request)
  local action, code = "/oauth/consent/" .. ticket.id, ""
  if request.user_code then
    code = html.fill("<p>The device shows the code <code>{code}</code>. Accept only if you see it there.</p>\n",
      { code = request.user_code })
  end
  local person = visitor.person
  local name = trim(person.first_name .. " " .. person.last_name)
  local content = html.fill(consent, { application = request.application.name,
    permissions = permissions(visitor.emulator, request),
    code = code, action = action, hidden = hidden(visitor), name = name, username = person.username })
  return with_form(page(visitor.emulator, 200, "Allow " .. request.application.name .. "?", content), visitor, action,
    nil, "consent")
end

local device = [[
<h1>Connect a device</h1>
<p class="soft">Enter the code that the device shows.</p>
{=complaint}<form method="post" action="{action}">
{=hidden}
<label for="user_code">Code</label>
<input id="user_code" class="code" name="user_code" type="text" autocomplete="off" autocapitalize="characters"
  spellcheck="false" required autofocus
 value="{user_code}">
<div class="buttons"><button class="first" type="submit">Continue</button></div>
</form>
]]

--- The page that asks for a device's code.
---@param visitor table
---@param ticket table
---@param user_code string what stands in the field
---@param wrong string? why the last one was no good
---@return table reply
function view.device(visitor, ticket, user_code, wrong)
  local action = "/oauth/device/" .. ticket.id
  local content = html.fill(device, { complaint = complaint(wrong), action = action, hidden = hidden(visitor),
    user_code = user_code })
  return with_form(page(visitor.emulator, wrong and 400 or 200, "Connect a device", content), visitor, action, wrong,
    "device")
end

--- A page that tells something and asks nothing.
---@param emulator table
---@param status integer
---@param title string
---@param text string
---@return table reply
function view.message(emulator, status, title, text)
  local r = page(emulator, status, title, html.fill("<h1>{title}</h1>\n<p>{text}</p>\n",
    { title = title, text = text }))
  r.says = text
  return r
end

return view
