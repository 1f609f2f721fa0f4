# What zsh offers at the end of each command line given: an interactive zsh on a terminal of its own completes it.
zmodload zsh/zpty
offered=$PWD/offered
zpty inner zsh -f -i
zpty -w inner "cd ${(q)PWD}; autoload -Uz compinit && compinit -u -D; source ./completion.zsh"
# With -A, -D or -O compadd fills arrays only; every other call offers what -O tells.
zpty -w inner "compadd() { local -a found; if (( ! \${argv[(I)-[ADO]]} )) { builtin compadd -O found \"\$@\"; print -rl -- \$found >> ${(q)offered} }; builtin compadd \"\$@\" }"
zpty -w inner "ask() { _main_complete; print end >> ${(q)offered} }; zle -C ask list-choices ask; bindkey '^T' ask; print rea''dy"
while zpty -r inner line; do [[ $line == *ready* ]] && break; done
for line in "$@"; do
  : > $offered
  zpty -w -n inner $'\x15'"$line"$'\x14'
  for ((tries = 0; tries < 400; tries++)); do
    grep -q '^end$' $offered && break
    sleep 0.05
  done
  grep . $offered
done
zpty -d inner
