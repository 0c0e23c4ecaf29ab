function town:nowhere
schedule function town:nowhere 1t
execute if function town:nowhere run say a
