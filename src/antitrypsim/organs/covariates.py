"""What is fixed about a person, and the courses of a life: handles shared by all organs."""

from antitrypsim.modelling.handles import Covariate, Input

WEIGHT = Covariate("person.weight", "kg", "body weight")
HEIGHT = Covariate("person.height", "m", "standing height")
MALE = Covariate("person.male", "1", "1 for male sex, 0 for female")
ALLELES_M = Covariate("person.alleles_M", "1", "M alleles of SERPINA1 in the germ line, 0 to 2")
ALLELES_Z = Covariate("person.alleles_Z", "1", "Z alleles of SERPINA1 in the germ line, 0 to 2")
ALLELES_S = Covariate("person.alleles_S", "1", "S alleles of SERPINA1 in the germ line, 0 to 2")
ALCOHOL = Covariate("person.alcohol", "1", "1 for harmful drinking, 0 for none")
METABOLIC = Covariate("person.metabolic", "1", "1 for metabolic liver disease, 0 for none")
BRONCHIECTASIS = Covariate("person.bronchiectasis", "1", "1 for bronchiectasis, 0 for none")

SMOKING = Input("person.smoking", "1", "current smoking, 1 for a pack a day, 0 for none")
LUNG_COURSE = Input(
    "person.lung_course", "1", "a person's active and quiet years of lung inflammation, SDs"
)
AIRWAY_COURSE = Input(
    "person.airway_course", "1", "a person's active and quiet years of airway disease, SDs"
)
AIRWAY_DAY = Input(
    "person.airway_day", "1", "good and bad months of airflow that leave no trace, SDs"
)
