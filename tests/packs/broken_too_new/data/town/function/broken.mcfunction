dialog clear @a
