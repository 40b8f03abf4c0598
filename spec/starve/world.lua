-- The authorization server and API of spec/starve/run.lua, as a process of its own, so that memory runs out on one side only. It prints
-- its process id and its URL, and ends when nobody reads its output any more.

local poll = require "airlock.loop.poll"
local server = require "airlock.server"

local generation = 1 -- of the refresh token; the one before is forgiven, as its answer may have been lost

local function json(x, text)
  x:reply { headers = { ["Content-Type"] = "application/json" }, body = text }
end

local base
local routes = {}

routes["/token"] = function(x)
  local given = x.body:match "refresh_token=r(%d+)"
  if given then
    given = tonumber(given)
    if given ~= generation and given ~= generation - 1 then
      return x:reply { status = 400, body = '{"error":"invalid_grant"}' }
    end
    generation = given + 1
  end
  local refresh = (given or x.body:find "code=" or x.body:find "password=") and (',"refresh_token":"r%d"'):format(generation) or ""
  local kind = x.headers.dpop and "DPoP" or "Bearer"
  json(x, ('{"access_token":"a%d","token_type":"%s","expires_in":3600,"scope":"a b"%s}'):format(generation, kind, refresh))
end

routes["/device"] = function(x)
  json(x, '{"device_code":"d","user_code":"U-1","verification_uri":"https://id.example/","expires_in":60,"interval":0.001}')
end

routes["/revoke"] = function(x) x:reply { status = 200 } end

routes["/.well-known/oauth-authorization-server"] = function(x)
  json(x, (('{"issuer":"BASE","token_endpoint":"BASE/token","authorization_endpoint":"BASE/authorize",'
    .. '"token_endpoint_auth_methods_supported":["client_secret_basic"],"response_types_supported":["code"]}'):gsub("BASE", base)))
end

routes["/api/list"] = function(x)
  local more = not x.target:find("skip=2", 1, true) and not x.target:find("%$skip")
  json(x, ('{"next":"%d","totalCount":2,"data":[{"id":1}%s]}'):format(2, more and ',{"id":2}' or ""))
end

routes["/api/go"] = function(x) x:reply { status = 302, headers = { Location = "/api/me" } } end

local function answer(x)
  local route = routes[x.path]
  if route then return route(x) end
  if not x.headers.authorization then return x:reply { status = 401, body = '{"error":"who"}' } end
  json(x, '{"name":"me","list":[1,2,{"a":null}],"text":"' .. ("x"):rep(300) .. '"}')
end

local made = assert(server.listen { handler = answer })
base = made:url()
poll.add(made)
io.write(base, "\n")
io.flush()
poll.run()
