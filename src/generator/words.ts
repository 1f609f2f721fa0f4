/** Names to make rows of. Some hold letters beyond ASCII, quotes and commas, as real ones do. */

type Words = readonly [string, ...string[]];

/** Of customers; each as likely. */
export const firstNames: Words = [
  "Anna",
  "Ben",
  "Chloé",
  "Daniel",
  "Elif",
  "Finn",
  "Greta",
  "Hugo",
  "Inès",
  "Jonas",
  "Katarzyna",
  "Liam",
  "Mia",
  "Noah",
  "Olívia",
  "Pavel",
  "Quinn",
  "Rosa",
  "Søren",
  "Tereza",
  "Umut",
  "Valentina",
  "William",
  "Xenia",
  "Yara",
  "Zoë",
];

/** Of customers; each as likely. */
export const lastNames: Words = [
  "Andersson",
  "Bauer",
  "Costa",
  "Dubois",
  "Eriksen",
  "Fischer",
  "García",
  "Horváth",
  "Ivanova",
  "Jansen",
  "Kowalski",
  "López",
  "Müller",
  "Novák",
  "O'Brien",
  "Petrov",
  "Quist",
  "Rossi",
  "Schmidt",
  "Tóth",
  "Ünal",
  "Virtanen",
  "Weiß",
  "Ziegler",
];

/** Country and city; each pair as likely. */
export const places: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ["Germany", "Berlin"],
  ["Germany", "München"],
  ["Germany", "Hamburg"],
  ["France", "Paris"],
  ["France", "Lyon"],
  ["Poland", "Łódź"],
  ["Poland", "Kraków"],
  ["Spain", "Málaga"],
  ["Italy", "Milano"],
  ["Netherlands", "'s-Hertogenbosch"],
  ["Austria", "Wien"],
  ["Sweden", "Göteborg"],
  ["Ireland", "Cork"],
  ["Portugal", "Porto"],
];

/** Without house numbers. */
export const streets: Words = [
  "Main Street",
  "Gartenweg",
  "Rue de la Paix",
  "Via Roma",
  "Calle Mayor",
  "ul. Długa",
];

/** Category -> subcategory -> what its products are called. */
export const catalogue: readonly [
  readonly [string, readonly [string, Words]],
  ...(readonly [string, readonly [string, Words]])[],
] = [
  ["Electronics", ["Audio", ["Headphones", "Speaker", "Microphone"]]],
  ["Electronics", ["Computers", ["Keyboard", "Mouse", 'Monitor 27"']]],
  ["Electronics", ["Phones", ["Phone Case", "Charger", "Power Bank"]]],
  ["Electronics", ["Cameras", ["Camera", "Tripod", "Lens"]]],
  ["Clothing", ["Women", ["Dress", "Blouse", "Jacket"]]],
  ["Clothing", ["Men", ["Shirt", "Trousers", "Coat"]]],
  ["Clothing", ["Kids", ["Romper", "Raincoat", "Cap"]]],
  ["Clothing", ["Shoes", ["Sneakers", "Boots", "Sandals"]]],
  ["Home & Garden", ["Kitchen", ["Pan", "Knife", "Kettle, 1.7 l"]]],
  ["Home & Garden", ["Furniture", ["Chair", "Desk", "Shelf"]]],
  ["Home & Garden", ["Garden", ["Hose", "Planter", "Shears"]]],
  ["Home & Garden", ["Lighting", ["Lamp", "Lantern", "Bulb"]]],
  ["Sports", ["Fitness", ["Mat", "Dumbbell", "Rope"]]],
  ["Sports", ["Outdoor", ["Tent", "Backpack", "Bottle"]]],
  ["Sports", ["Cycling", ["Helmet", "Lock", "Pump"]]],
  ["Sports", ["Swimming", ["Goggles", "Towel", "Fins"]]],
  ["Books", ["Fiction", ["Novel", "Short Stories", "Poems"]]],
  ["Books", ["Cooking", ["Cookbook", "Bread Book", "Wine Guide"]]],
  ["Books", ["Children", ["Picture Book", "Puzzle Book", "Atlas"]]],
  ["Books", ["Travel", ["City Guide", "Map", "Travelogue"]]],
];

/** Of products; each as likely. */
export const brands: Words = ["Nordwind", "Bellevue", "Kestrel", "Ümlaut & Söhne", "Fab Four", "Oakline"];
/** The middle part of a product's name. */
export const styles: Words = ["Classic", "Compact", "Eco", "Pro", "Mini", "Deluxe", "Everyday", "Travel"];
