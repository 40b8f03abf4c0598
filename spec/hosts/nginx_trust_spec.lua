-- Whom nginx trusts: each location what its own directives say, and each recipe of the documentation nobody else.

local core = require "airlock.core"
local curl = require "spec.support.curl"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("trust in nginx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  after_each(stage.clear)

  -- A Space over TLS that nginx plays; `seen()` gives the tokens that its API was shown.
  local function space()
    local site = nginx.start([[
      location = /oauth/token { return 200 '{"access_token":"the-token","token_type":"Bearer","expires_in":600}'; }
      location /api/http/ { access_log seen.log shown; return 200 '{"data":[],"totalCount":25}'; }]],
      { http = 'log_format shown "$http_authorization";' })
    site.url = site.https:gsub("127.0.0.1", "localhost")
    function site.seen() return stage.read(site.folder .. "/seen.log") or "" end
    return site
  end

  it("is a location's own: no connection that another one trusted serves it", function()
    local site = space()
    local code = ([[content_by_lua_block {
      api = api or require "airlock".client { base_url = "%s/api/http/" }:permanent_token "the-token"
      local value, message, detail = api:get "x"
      ngx.print(value and "fine" or detail.kind .. "/" .. detail.code)
    }]]):format(site.url)
    local function location(name, directives)
      return ("location = /%s { %s %s }\n"):format(name, directives, code)
    end
    local web = phases.start(nil, nil, location("near", ("lua_ssl_trusted_certificate %s;"):format(site.ca))
      .. location("strange", ("lua_ssl_trusted_certificate %s;"):format(site.other))
      .. location("again", ("lua_ssl_trusted_certificate %s;"):format(site.ca)))
    local function ask(name) return curl.run({ web.http .. "/" .. name }).body end
    for _ = 1, 3 do
      assert.equal("fine", ask "near")
      assert.equal("network/tls", ask "strange")
      assert.equal("fine", ask "again")
    end
  end)

  it("keeps a location's connections for its next request", function()
    local site = nginx.start([[location /api/http/ { return 200 '$connection'; }]])
    local web = phases.start(nil, nil, ([[location = /near {
      lua_ssl_trusted_certificate %s;
      content_by_lua_block {
        api = api or require "airlock".client { base_url = "%s/api/http/" }:permanent_token "the-token"
        ngx.print(api:get "x")
      }
    }]]):format(site.ca, (site.https:gsub("127.0.0.1", "localhost"))))
    local first = curl.run({ web.http .. "/near" }).body
    assert.is_truthy(tonumber(first), first)
    for _ = 1, 3 do assert.equal(first, curl.run({ web.http .. "/near" }).body) end
  end)

  -- The blocks of nginx's configuration in a page, without a line `http {` around them.
  local function blocks(page)
    local found = {}
    for text in stage.read(page):gmatch "\n```nginx[^\n]*\n(.-)\n```" do
      found[#found + 1] = text:match "^http {\n(.*)\n}$" or text
    end
    return found
  end

  local here = stage.shell("pwd"):match "%C+"
  local build = os.getenv "AIRLOCK_BUILD" or here .. "/build/jit"
  local modules = "/usr/lib/nginx/modules/"
  local main = ("load_module %sndk_http_module.so;\nload_module %sngx_http_lua_module.so;"):format(modules, modules)

  local function replace(text, changes)
    for old, new in pairs(changes) do text = text:gsub(old, (new:gsub("%%", "%%%%"))) end
    return text
  end

  -- Starts nginx with a recipe. `lua`, `proxy`: the authorities that take the place of the system's; gives its URL.
  local function start(recipe, site, lua, proxy, changes)
    local folder, port = stage.folder(), raw.free_port()
    stage.write(folder .. "/secret", "the secret\n")
    local text = replace(recipe, {
      ["/usr/local/share/lua/5%.1"] = here .. "/lua", ["/usr/local/lib/lua/5%.1"] = build,
      ["listen 127%.0%.0%.1:8080;"] = "", ["server {"] = ("server { listen 127.0.0.1:%d;"):format(port),
      ["/etc/nginx/space%.secret"] = folder .. "/secret",
      ["lua_ssl_trusted_certificate %S+;"] = ("lua_ssl_trusted_certificate %s;"):format(lua),
      ["proxy_ssl_trusted_certificate %S+;"] = ("proxy_ssl_trusted_certificate %s;"):format(proxy),
    })
    text = replace(replace(text, changes or {}), { ["https://mycompany%.jetbrains%.space"] = site.url })
    nginx.start(nil, { main = main, http = text })
    return ("http://127.0.0.1:%d"):format(port)
  end

  local gateway, pass = blocks("docs/nginx.md")[1], blocks("docs/nginx.md")[2]
  local recipe = blocks("docs/recipes.md")[1]

  it("of the gateways in the documentation is the configured authority's alone", function()
    for _, text in ipairs { gateway, recipe } do
      local site = space()
      local answer = curl.run { start(text, site, site.ca, site.ca) .. "/projects" }
      assert.equal(25, (core.json.decode(answer.body) or {}).totalCount, answer.body)
      assert.equal("Bearer the-token\n", site.seen())
      site = space()
      assert.equal(502, curl.run({ start(text, site, site.other, site.ca) .. "/projects" }).status)
      assert.equal("", site.seen())
      stage.clear()
    end
  end)

  it("of what nginx itself passes on is the configured authority's alone, and for that name", function()
    local text = gateway:gsub("location /projects (%b{})", function() return (pass:gsub("%%", "%%%%")) end)
    local site = space()
    assert.is_truthy(text:find("proxy_pass", 1, true))
    local answer = curl.run { start(text, site, site.ca, site.ca) .. "/api/http/projects" }
    assert.equal(25, (core.json.decode(answer.body) or {}).totalCount, answer.body)
    assert.equal("Bearer the-token\n", site.seen())
    for _, wrong in ipairs {
      { site.other },
      { site.ca, { ["proxy_pass https://mycompany%.jetbrains%.space"] = "proxy_pass " .. site.elsewhere } },
    } do
      assert.equal(502, curl.run({ start(text, site, site.ca, wrong[1], wrong[2]) .. "/api/http/projects" }).status)
    end
    assert.equal("Bearer the-token\n", site.seen())
  end)
end)
