--- The application: what each address shows. Airlock logs its users in, and keeps their tokens on the server.
local airlock = require "airlock"

local url = (os.getenv "WEB_URL" or "http://127.0.0.1:8080"):gsub("/$", "") -- where browsers find it
local lasts = 8 * 3600 -- seconds of a session
local page = "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><title>%s</title>\n<h1>%s</h1>\n%s\n"

local login = require "airlock.web.ngx" {
  client = airlock.space {
    url = os.getenv "AIRLOCK_URL", client_id = os.getenv "AIRLOCK_CLIENT_ID",
    client_secret = os.getenv "AIRLOCK_CLIENT_SECRET", redirect_uri = url .. "/callback",
    store = require "airlock.store.ngx" { dict = "tokens", lifetime = lasts },
  },
  scope = "global:Profile.View global:Project.View", dict = "sessions",
  cookie = { key = os.getenv "WEB_KEY", life = lasts, idle = tonumber(os.getenv "WEB_IDLE" or "") or 1800 },
}

local function show(title, content)
  title = title:gsub("[<&]", { ["<"] = "&lt;", ["&"] = "&amp;" })
  ngx.header["Content-Type"], ngx.header["Cache-Control"] = "text/html; charset=utf-8", "no-store"
  ngx.header["Content-Security-Policy"] = "default-src 'self'; form-action 'self'; frame-ancestors 'none'"
  ngx.print(page:format(title, title, content))
end

local web = { protect = function() return login:protect() end }

function web.home()
  show("Welcome", '<a href="/projects">Projects</a>')
end

function web.projects()
  local session = ngx.ctx.airlock_user.session
  local me, _, detail = session:get "team-directory/profiles/me"
  if not me and detail.code == "login_required" then return ngx.redirect("/logout", 303) end -- its token is gone
  local projects = me and session:get("projects", { ["$top"] = 10 })
  if not projects then return ngx.exit(502) end
  show(me.username, ("<p>%d projects</p><form method=post action=/logout><button>Log out</button></form>")
    :format(#projects.data))
end

return web
