--- A run as lines for a shell, with curl, which do the same when they are pasted. They stand in parentheses: leaving
--- them ends nothing else.

local compat = require "airlock.compat"
local form = require "airlock.emulator.http.form"
local remark = require "airlock.playground.remark"
local script = require "airlock.playground.script"

local as_curl = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- How the application proves who it is, as words of the command line.
local function proof(run)
  local _, client_secret = run:credentials()
  if not client_secret then return '-d "client_id=$client_id"' end
  if run.place:endpoint "client_auth" == "client_secret_post" then
    return '-d "client_id=$client_id" --data-urlencode "client_secret=$client_secret"'
  end
  return '-u "$client_id:$client_secret"'
end

local function scope_field(run)
  local scope = run:scope()
  return scope and "--data-urlencode <>" or "", scope and "scope=" .. scope
end

-- Posts to an endpoint: a format of fields, and its values.
local function post(out, run, endpoint, fields, values)
  values[#values + 1] = run.place:endpoint(endpoint) or "(not known yet)"
  out:add(("reply=$(curl -sS -X POST %s %s <>)"):format(proof(run), fields), compat.unpack(values))
  out:add 'printf "%s\\n" "$reply"'
end

local function token(out, run, fields, values)
  post(out, run, "token_endpoint", fields, values)
  out:add "token=$(get access_token)"
end

local function make_url(out, run, implicit)
  local fields = { "response_type=" .. (implicit and "token" or "code"),
    "redirect_uri=" .. form.escape(run.redirect_uri) }
  if run:scope() then fields[#fields + 1] = "scope=" .. form.escape(run:scope()) end
  if run.choice.offline and run.place.access_type and not implicit then
    fields[#fields + 1] = "access_type=" .. run.place.access_type
  end
  local base = run.place:endpoint "authorization_endpoint" or "(not known yet)"
  local pkce = not implicit and run.choice.pkce
  out:add "state=$(openssl rand -hex 16)"
  if pkce then
    out:add "verifier=$(openssl rand -base64 48 | tr '+/' '-_' | tr -d '=\\n')"
    out:add("challenge=$(printf %s \"$verifier\" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr "
      .. "-d '=\\n')")
  end
  out:add 'echo "Open this page, and paste the address that the browser ends at:"'
  out:add('echo <>"&client_id=$client_id&state=$state'
    .. (pkce and '&code_challenge=$challenge&code_challenge_method=S256' or "") .. '"',
    base .. (base:find("?", 1, true) and "&" or "?") .. table.concat(fields, "&"))
  out:add "read -r redirect"
  out:add 'case $redirect in *"state=$state"*) ;; *) echo "This is not the answer to this login." >&2; exit 1 ;; esac'
end

local function by_code(out, run)
  make_url(out, run, false)
  if run.breakage.name == "wrong_verifier" then out:add "verifier=$(openssl rand -hex 32)" end
  out:add "code=${redirect#*[?&]code=} code=${code%%[&#]*}"
  local fields = '-d grant_type=authorization_code -d "code=$code" --data-urlencode <>'
    .. (run.choice.pkce and ' -d "code_verifier=$verifier"' or "")
  token(out, run, fields, { "redirect_uri=" .. run.redirect_uri })
  if run.breakage.name == "reused_code" then token(out, run, fields, { "redirect_uri=" .. run.redirect_uri }) end
end

local function by_device(out, run)
  local field, scope = scope_field(run)
  post(out, run, "device_authorization_endpoint", field, { scope })
  out:add 'echo "Enter $(get user_code) at $(get verification_uri)"'
  out:add "device_code=$(get device_code) interval=$(get interval)"
  out:add "while :; do":add '  sleep "${interval:-5}"'
  out:add(('  reply=$(curl -sS %s -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d '
    .. '"device_code=$device_code" <>)'):format(proof(run)),
    run.place:endpoint "token_endpoint" or "(not known yet)")
  out:add "  case $reply in *authorization_pending* | *slow_down*) ;; *) break ;; esac":add "done"
  out:add 'printf "%s\\n" "$reply"':add "token=$(get access_token)"
end

local ways = {
  client_credentials = function(out, run)
    local field, scope = scope_field(run)
    token(out, run, "-d grant_type=client_credentials " .. field, { scope })
  end,
  authorization_code = by_code, device_code = by_device,
  implicit = function(out, run)
    make_url(out, run, true)
    out:add "token=${redirect#*[#&]access_token=} token=${token%%&*}"
  end,
  permanent_token = function(out, run) out:add("token=<>", script.secret(run:given() or "")) end,
  refresh_token = function(out, run)
    out:add("refresh_token=<>", script.secret(run:given() or ""))
    local field, scope = "", nil
    if run.choice.narrow then field, scope = scope_field(run) end
    token(out, run, '-d grant_type=refresh_token --data-urlencode "refresh_token=$refresh_token" ' .. field, { scope })
  end,
  password = function(out, run)
    local field, scope = scope_field(run)
    local more = run.choice.offline and run.place.access_type and " -d access_type=" .. run.place.access_type or ""
    token(out, run, "-d grant_type=password" .. more .. " --data-urlencode <> --data-urlencode <> " .. field,
      { "username=" .. run.choice.username, "password=" .. script.secret(run.choice.password), scope })
  end,
}

local acts = {
  crowd = function(out, run, with)
    out:add(("for i in $(seq %d); do curl -sS -o /dev/null -H \"Authorization: Bearer $token\" <> & done; wait")
      :format(with[2]), run.place:address(with[1]))
  end,
  call = function(out, run, path)
    out:add('curl -sS -H "Authorization: Bearer $token" <> | jq .', run.place:address(path))
  end,
  refresh = function(out, run)
    if run.way.name == "client_credentials" then return ways.client_credentials(out, run) end
    out:add '[ -z "$(get refresh_token)" ] || refresh_token=$(get refresh_token)'
    token(out, run, '-d grant_type=refresh_token -d "refresh_token=$refresh_token"', {})
  end,
  logout = function(out, run)
    if not run.place.logout then return end
    out:add('curl -sS -X DELETE -H "Authorization: Bearer $token" <>', run.place:address(run.place.logout))
  end,
  expire = function(out, _, with) out:add(remark.expire("#", with)) end,
  revoke = function(out) out:add(remark.revoke "#") end,
  fault = function(out, _, with) out:add("# " .. with.told) end,
}

--- Writes the lines.
---@param run table
---@return table script
function as_curl.write(run)
  local out = script.new(quote)
  local client_id, client_secret = run:credentials()
  out:add "(":add("client_id=<>", client_id)
  if client_secret then out:add("client_secret=<>", script.secret(client_secret)) end
  out:add 'get() { printf %s "$reply" | jq -r ".$1 // empty"; }'
  ways[run.way.name](out, run)
  for _, act in ipairs(run:acted()) do acts[act[1]](out, run, act[2]) end
  return out:add ")"
end

return as_curl
