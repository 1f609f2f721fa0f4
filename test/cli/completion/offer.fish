# What fish offers at the end of each command line given; descriptions follow a tab and are left out.
source ./completion.fish
for line in $argv
    complete -C $line | string split -f 1 \t
    echo end
end
