--- The application: what each address does. A user's requests are made with the token of that user, which Airlock keeps
--- under the `account` of the visit; the browser never sees it.
local airlock = require "airlock"
local page = require "page"
local settings = require "settings"
local visit = require "visit"

local web = {}

local client = airlock.space {
  url = settings.space, client_id = settings.client_id, client_secret = settings.client_secret,
  redirect_uri = settings.url .. "/callback", scope = settings.scope,
  store = require "airlock.store.ngx" { dict = "tokens", lifetime = settings.longest },
}

-- Only a path of our own: "//elsewhere" and "/\elsewhere" are other hosts to a browser.
local function safe_path(path)
  if type(path) ~= "string" or #path > 500 or path:find "[%c\\]" or not path:find "^/" or path:find "^//" then
    return "/"
  end
  return path
end

local function refuse(status, title, text)
  page.show(status, title, ('<p>%s</p>\n<p><a href="/">Back</a></p>'):format(page.escape(text)))
end

local function unavailable(message)
  ngx.log(ngx.ERR, message)
  refuse(502, "Space can't be reached", "Try again in a moment.")
end

local function only(method)
  if ngx.req.get_method() == method then return true end
  ngx.header["Allow"] = method
  ngx.exit(405)
end

-- The session of the visit's user, and the visit. Otherwise the browser is sent to log in, or told why that wouldn't
-- help.
local function user()
  local here = visit.current()
  local session, message, detail
  if here then session, message, detail = client:session { account = here.account } end
  if session then return session, here end
  if here and detail.code ~= "login_required" and detail.outcome ~= "revoked" then return unavailable(message) end
  if here then visit.finish() end
  page.send("/login?to=" .. ngx.escape_uri(ngx.var.request_uri))
end

local function logout_form(here)
  return ('<form method="post" action="/logout">'
    .. '<input type="hidden" name="secret" value="%s"><button>Log out</button></form>')
    :format(page.escape(here.secret))
end

function web.home()
  if not only "GET" then return end
  local here = visit.current()
  if not here then return page.show(200, "Nobody is logged in", '<p><a href="/login?to=/projects">Log in</a></p>') end
  page.show(200, "Hello, " .. here.username, '<p><a href="/projects">Projects</a></p>\n' .. logout_form(here))
end

function web.projects()
  if not only "GET" then return end
  local session, here = user()
  if not session then return end
  local projects, message = session:get("projects", { ["$top"] = 10 })
  if not projects then return unavailable(message) end
  local rows = {}
  for i, project in ipairs(projects.data) do rows[i] = "<li>" .. page.escape(project.name) .. "</li>" end
  page.show(200, "Projects that " .. here.username .. " sees",
    "<ul>\n" .. table.concat(rows, "\n") .. "\n</ul>\n" .. logout_form(here))
end

function web.login()
  if not only "GET" then return end
  local login, message = client:authorization_code { access_type = "offline" }
  if not login then return unavailable(message) end
  visit.expect(login.state, { saved = login:save(), to = safe_path(ngx.req.get_uri_args().to) })
  page.send(login.url)
end

-- Ends a login at Space, too; a token that can't be revoked now runs out by itself.
local function forget(account)
  local session, message, detail = client:session { account = account }
  local done
  if session then done, message, detail = session:logout() end
  if not done and detail.code ~= "login_required" then ngx.log(ngx.WARN, "a token could not be revoked: ", message) end
end

-- The token of a user whose name isn't known yet: it gets a name of its own, so that logging out in one browser ends
-- nothing in another.
local function finish(login, redirect)
  local account, before = visit.random(), visit.current()
  local authorization, message, detail = client:authorization(login.saved)
  local session
  if authorization then session, message, detail = authorization:finish(redirect, { account = account }) end
  if not session then return nil, message, detail end
  local me
  me, message, detail = session:get "team-directory/profiles/me"
  local ok = me and visit.begin(account, me.username)
  if not ok then
    forget(account)
    return nil, message or "there is no room for another visit", detail or {}
  end
  if before then forget(before.account) end
  return true
end

function web.callback()
  if not only "GET" then return end
  local state = ngx.req.get_uri_args().state
  local login = visit.expected(type(state) == "string" and state or nil)
  if not login then
    return refuse(400, "This login isn't yours",
      "It wasn't begun in this browser, or it was too long ago, or it has been answered already.")
  end
  local ok, message, detail = finish(login, ngx.var.request_uri)
  if ok then return page.send(login.to) end
  if detail.code == "access_denied" then
    return refuse(403, "You are not logged in", "You said no, and that is that.")
  end
  if detail.kind == "state" then return refuse(400, "That was no answer to this login", message) end
  unavailable(message)
end

function web.logout()
  if not only "POST" then return end
  local here = visit.current()
  if not here then return page.send "/" end
  ngx.req.read_body()
  if ngx.req.get_post_args().secret ~= here.secret then -- a form of another site would have to guess it
    return refuse(403, "That wasn't you", "Log out with the button of this page.")
  end
  visit.finish()
  forget(here.account)
  page.send "/"
end

return web
