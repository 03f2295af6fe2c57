//! Signed tokens. One algorithm, and of its header one form: a token whose header differs in a single byte
//! from the one written here is refused before anything in it is read.

use std::time::Duration;

use chatter_core::{AgentId, ChatId, CustomerId, DeskId, Name};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, hex, keyed_digest};

const ISSUER: &str = "chatter";
/// Longer ones are refused unread; ours have less than 600 bytes.
const TOKEN_BYTES_MAX: usize = 4_096;
/// How far the clock may have stepped back since a token was made.
const LEEWAY: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3_600);

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A customer with all their chats.
    Visitor,
    /// A customer with one chat that waits.
    Queue,
    /// A customer with one chat that was given to an agent.
    Customer,
    /// An agent.
    Agent,
}

impl Kind {
    const fn lifetime(self) -> Duration {
        match self {
            Self::Visitor | Self::Customer => HOUR.saturating_mul(24 * 30),
            Self::Queue => HOUR.saturating_mul(24),
            Self::Agent => HOUR.saturating_mul(12),
        }
    }
}

/// What is signed. Times are whole seconds since the Unix epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) typ: Kind,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    pub(super) sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chat: Option<u64>,
    /// A fingerprint of the password that an agent signed in with: another password ends the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pwd: Option<String>,
}

/// Who has a good token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    Customer { customer: CustomerId, chat: Option<ChatId> },
    Agent { agent: AgentId, password: String },
}

/// A token that is not good. It does not say why: nobody who holds one should learn that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadToken;

/// Makes and reads tokens of one desk.
pub(crate) struct Tokens {
    desk: DeskId,
    header: Header,
    sign: EncodingKey,
    /// The first part of every token of a key, and the key: today's, and perhaps the one before.
    verify: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("desk", &self.desk).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Signs with `secret`; reads tokens of `previous` too.
    pub(crate) fn new(desk: DeskId, secret: &Secret, previous: Option<&Secret>) -> Self {
        let (header, key) = header_and_key(secret);
        let readable = [Some(secret), previous].into_iter().flatten().map(header_and_key);
        let verify = readable.map(|(header, key)| (first_part(&header, &key), DecodingKey::from_secret(&key)));
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[desk.as_str()]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "nbf", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY.as_secs();
        Self { desk, header, sign: EncodingKey::from_secret(&key), verify: verify.collect(), validation }
    }

    /// For a customer who comes for the first time.
    pub(super) fn visitor(&self, customer: CustomerId) -> String {
        self.sign(&self.claims(Kind::Visitor, customer.to_string()))
    }

    /// For a customer whose chat waits.
    pub(super) fn queue(&self, customer: CustomerId, chat: ChatId, name: &Name) -> String {
        self.of_chat(Kind::Queue, customer, chat, name)
    }

    /// For a customer whose chat was given to an agent.
    pub(super) fn customer(&self, customer: CustomerId, chat: ChatId, name: &Name) -> String {
        self.of_chat(Kind::Customer, customer, chat, name)
    }

    /// For an agent who signed in with a password of this fingerprint.
    pub(super) fn agent(&self, agent: AgentId, name: &Name, password: String) -> String {
        let name = Some(name.as_str().to_owned());
        self.sign(&Claims { name, pwd: Some(password), ..self.claims(Kind::Agent, agent.to_string()) })
    }

    fn of_chat(&self, kind: Kind, customer: CustomerId, chat: ChatId, name: &Name) -> String {
        let name = Some(name.as_str().to_owned());
        self.sign(&Claims { name, chat: Some(chat.0), ..self.claims(kind, customer.to_string()) })
    }

    pub(super) fn claims(&self, typ: Kind, sub: String) -> Claims {
        let now = jsonwebtoken::get_current_timestamp();
        let (iss, aud) = (ISSUER.to_owned(), self.desk.as_str().to_owned());
        let exp = now + typ.lifetime().as_secs();
        Claims { iss, aud, typ, iat: now, nbf: now, exp, sub, name: None, chat: None, pwd: None }
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.sign).expect("claims are plain JSON and the key fits HS256")
    }

    /// Who has this token?
    ///
    /// # Errors
    /// When nobody has.
    pub(super) fn read(&self, token: &str) -> Result<Bearer, BadToken> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(BadToken);
        }
        let (first, _) = token.split_once('.').ok_or(BadToken)?;
        let (_, key) = self.verify.iter().find(|(header, _)| header == first).ok_or(BadToken)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).map_err(|_| BadToken)?.claims;
        let now = jsonwebtoken::get_current_timestamp();
        if claims.iat > now + LEEWAY.as_secs()
            || claims.exp.saturating_sub(claims.iat) > claims.typ.lifetime().as_secs()
        {
            return Err(BadToken);
        }
        bearer(&claims)
    }
}

fn bearer(claims: &Claims) -> Result<Bearer, BadToken> {
    let customer = || claims.sub.parse().map_err(|_| BadToken);
    match (claims.typ, claims.chat, &claims.pwd) {
        (Kind::Visitor, None, None) => Ok(Bearer::Customer { customer: customer()?, chat: None }),
        (Kind::Queue | Kind::Customer, Some(chat), None) => {
            Ok(Bearer::Customer { customer: customer()?, chat: Some(ChatId(chat)) })
        }
        (Kind::Agent, None, Some(password)) => {
            let agent = claims.sub.parse().map(AgentId).map_err(|_| BadToken)?;
            Ok(Bearer::Agent { agent, password: password.clone() })
        }
        _ => Err(BadToken),
    }
}

/// The key for tokens, and the header that names it without telling anything of it.
fn header_and_key(secret: &Secret) -> (Header, [u8; 32]) {
    let key = secret.derive("tokens");
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(hex(&keyed_digest(&key, &[b"kid"])[..8]));
    (header, key)
}

fn first_part(header: &Header, key: &[u8]) -> String {
    let token = jsonwebtoken::encode(header, &(), &EncodingKey::from_secret(key)).expect("nothing is plain JSON");
    token.split('.').next().unwrap_or_default().to_owned()
}
