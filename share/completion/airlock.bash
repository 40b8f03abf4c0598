# bash completion for airlock; made by `airlock completion bash`

_airlock() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i n=0
  # --option=value comes as three words
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] && continue
    if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((n++)); fi
  done
  COMPREPLY=()
  case $command:$prev in
    login:--port)  return ;;
    login:--wait)  return ;;
    login:-p|login:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    login:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    login:--url)  return ;;
    login:--tenant)  return ;;
    login:--realm)  return ;;
    login:--issuer)  return ;;
    login:--client-id)  return ;;
    login:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    login:--scope)  return ;;
    login:--account)  return ;;
    login:--store) _airlock_files -d "$cur"; return ;;
    login:--base-url)  return ;;
    login:--ca-file) _airlock_files -f "$cur"; return ;;
    login:--timeout)  return ;;
    login:--option)  return ;;
    token:-o|token:--output) _airlock_files -f "$cur"; return ;;
    token:-p|token:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    token:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    token:--url)  return ;;
    token:--tenant)  return ;;
    token:--realm)  return ;;
    token:--issuer)  return ;;
    token:--client-id)  return ;;
    token:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    token:--scope)  return ;;
    token:--account)  return ;;
    token:--store) _airlock_files -d "$cur"; return ;;
    token:--base-url)  return ;;
    token:--ca-file) _airlock_files -f "$cur"; return ;;
    token:--timeout)  return ;;
    token:--option)  return ;;
    request:-d|request:--data) _airlock_files -f "$cur"; return ;;
    request:--json) _airlock_files -f "$cur"; return ;;
    request:--form)  return ;;
    request:--file) _airlock_files -f "$cur"; return ;;
    request:--query)  return ;;
    request:-H|request:--header)  return ;;
    request:-o|request:--output) _airlock_files -f "$cur"; return ;;
    request:-p|request:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    request:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    request:--url)  return ;;
    request:--tenant)  return ;;
    request:--realm)  return ;;
    request:--issuer)  return ;;
    request:--client-id)  return ;;
    request:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    request:--scope)  return ;;
    request:--account)  return ;;
    request:--store) _airlock_files -d "$cur"; return ;;
    request:--base-url)  return ;;
    request:--ca-file) _airlock_files -f "$cur"; return ;;
    request:--timeout)  return ;;
    request:--option)  return ;;
    status:-p|status:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    status:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    status:--url)  return ;;
    status:--tenant)  return ;;
    status:--realm)  return ;;
    status:--issuer)  return ;;
    status:--client-id)  return ;;
    status:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    status:--scope)  return ;;
    status:--account)  return ;;
    status:--store) _airlock_files -d "$cur"; return ;;
    status:--base-url)  return ;;
    status:--ca-file) _airlock_files -f "$cur"; return ;;
    status:--timeout)  return ;;
    status:--option)  return ;;
    refresh:-p|refresh:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    refresh:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    refresh:--url)  return ;;
    refresh:--tenant)  return ;;
    refresh:--realm)  return ;;
    refresh:--issuer)  return ;;
    refresh:--client-id)  return ;;
    refresh:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    refresh:--scope)  return ;;
    refresh:--account)  return ;;
    refresh:--store) _airlock_files -d "$cur"; return ;;
    refresh:--base-url)  return ;;
    refresh:--ca-file) _airlock_files -f "$cur"; return ;;
    refresh:--timeout)  return ;;
    refresh:--option)  return ;;
    logout:-p|logout:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    logout:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    logout:--url)  return ;;
    logout:--tenant)  return ;;
    logout:--realm)  return ;;
    logout:--issuer)  return ;;
    logout:--client-id)  return ;;
    logout:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    logout:--scope)  return ;;
    logout:--account)  return ;;
    logout:--store) _airlock_files -d "$cur"; return ;;
    logout:--base-url)  return ;;
    logout:--ca-file) _airlock_files -f "$cur"; return ;;
    logout:--timeout)  return ;;
    logout:--option)  return ;;
    doctor:-p|doctor:--profile) COMPREPLY=($(compgen -W "$(airlock completion profiles 2>/dev/null)" -- "$cur")); return ;;
    doctor:--provider) COMPREPLY=($(compgen -W "$(airlock completion providers 2>/dev/null)" -- "$cur")); return ;;
    doctor:--url)  return ;;
    doctor:--tenant)  return ;;
    doctor:--realm)  return ;;
    doctor:--issuer)  return ;;
    doctor:--client-id)  return ;;
    doctor:--grant) COMPREPLY=($(compgen -W "client_credentials login device_code password refresh_token permanent_token" -- "$cur")); return ;;
    doctor:--scope)  return ;;
    doctor:--account)  return ;;
    doctor:--store) _airlock_files -d "$cur"; return ;;
    doctor:--base-url)  return ;;
    doctor:--ca-file) _airlock_files -f "$cur"; return ;;
    doctor:--timeout)  return ;;
    doctor:--option)  return ;;
    emulator:--port)  return ;;
    emulator:--host)  return ;;
    emulator:--token-lifetime)  return ;;
    emulator:--code-lifetime)  return ;;
    emulator:--device-interval)  return ;;
    emulator:--grace)  return ;;
    playground:--port)  return ;;
    playground:--open)  return ;;
  esac
  case $command in
    login) words="--help --device --again --no-open --port --wait -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    token) words="--help --header -o --output -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    request) if [[ $cur != -* && $n == 0 ]]; then words="GET POST PUT PATCH DELETE HEAD"; else words="--help -d --data --json --form --file --query -H --header -o --output -r --raw -i --include --page-all -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace"; fi ;;
    status) words="--help --all --json -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    refresh) words="--help -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    logout) words="--help -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    providers) words="--help" ;;
    doctor) words="--help -p --profile --provider --url --tenant --realm --issuer --client-id --grant --raw-basic --scope --account --store --base-url --ca-file --timeout --option --trace" ;;
    emulator) words="--help --port --host --token-lifetime --code-lifetime --device-interval --rotate --grace --iss -q --quiet" ;;
    playground) words="--help --port --open --no-open" ;;
    completion) if [[ $cur != -* && $n == 0 ]]; then words="bash zsh fish"; else words="--help"; fi ;;
    "") words="login token request status refresh logout providers doctor emulator playground completion help --help --version" ;;
  esac
  [[ $command == help ]] && words="login token request status refresh logout providers doctor emulator playground completion"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

_airlock_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$2"))
}

complete -F _airlock airlock
