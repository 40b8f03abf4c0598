---@meta _
-- Made by `make reference` from lua/airlock/web/ngx.lua.

--- The login of a web application's users in nginx and OpenResty.
---@class airlock.nginx_web
local nginx_web = {}

--- Lets a request through that a user makes who has logged in, and answers any other: with a redirect to the
--- login, or 401 to what isn't a page load. `X-Forwarded-User` and its like tell upstream who it is; the
--- client's own are gone.
---
--- Source: docs/web.md
---@return airlock.web_user user
function nginx_web:protect() end
