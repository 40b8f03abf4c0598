--- Runs Lua that a spec sends inside a real nginx, in one of its phases.

local airlock = require "airlock"
local core = require "airlock.core"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

local phases = {}

-- Each of these places runs the Lua that it is sent, in its phase, and answers with what came of it.
phases.places = [[
location = /content { content_by_lua_block { answer(run()) } }
location = /access { access_by_lua_block { answer(run()) } content_by_lua_block { ngx.print "nobody answered" } }
location = /rewrite { rewrite_by_lua_block { answer(run()) } content_by_lua_block { ngx.print "nobody answered" } }
location = /timer { content_by_lua_block {
  local semaphore, code, result = require "ngx.semaphore".new(), body(), nil
  ngx.timer.at(0, function() result = run(code) semaphore:post() end)
  semaphore:wait(10)
  answer(result)
} }
location = /header_filter { content_by_lua_block { code = body() ngx.print "[]" }
  header_filter_by_lua_block { late = run(code) } }
location = /body_filter { content_by_lua_block { code = body() ngx.print "[]" }
  body_filter_by_lua_block { late = run(code) } }
location = /log { content_by_lua_block { code = body() ngx.print "[]" } log_by_lua_block { late = run(code) } }
location = /late { content_by_lua_block { answer(late) } }
]]

phases.beginning = [[
init_by_lua_block {
  %s
  function body() ngx.req.read_body() return ngx.req.get_body_data() end
  function run(text) return { pcall(assert(loadstring(text or body()))) } end
  function answer(result) ngx.print(require "cjson".encode(result)) ngx.exit(200) end
}
]]

--- Starts nginx. `setting`: Lua of init_by_lua; `lines`: in its http block; `more`: in the server's; `options`: of
--- nginx.start.
function phases.start(setting, lines, more, options)
  options = options or {}
  options.lua, options.http = true, phases.beginning:format(setting or "") .. (lines or "")
  return nginx.start(phases.places .. (more or ""), options)
end

--- What came of this Lua in a phase of that nginx: `{ true, … }`, or `{ false, error }`.
function phases.send(web, place, code)
  local visitor = airlock.client { base_url = web.http }:permanent_token "visitor"
  local response = assert(visitor:request { url = place, method = "POST", body = code })
  local result = core.json.decode(response.body)
  if not result then error(response.body .. (stage.read(web.folder .. "/error.log") or ""), 2) end
  return result
end

--- What this Lua gives there, in a table; an error in it is raised here.
function phases.run(web, code, place)
  local result = phases.send(web, place or "content", code)
  if not result[1] then error(result[2], 2) end
  table.remove(result, 1)
  return result
end

return phases
