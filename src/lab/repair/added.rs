//! The keys that others add to links. Knows names, no link.

/// Keys that advertisers, mailers, shops and search engines add, as browsers and link cleaners list them, and those of
/// course systems; in small letters.
const ADDED: &str = "__hsfp __hssc __hstc __io_lv __s __tn__ __twitter_impression _bhlid _bta_c _bta_tid _ga _gac \
    _gid _gl _hsenc _hsmi _io_session_id _ke _kx _openstat _r _rdr _t _trkparms _trksid action_object_map action_ref_map \
    action_type_map algo_expid algo_pvid authuser awc awesm bance_xuid bbeml bxid campaign campaign_id campaignid campid \
    ceneo_spo cjdata cjevent ck_subscriber_id click_id clickid client_id cmid cmp cmpid cndid content_id context course_id \
    cvid cxt d2lsessionval dclid deployment_id dicbo dm_i eav eblastid echobox ef_id ei elqtrack elqtrackid epik erid \
    ex_cid fbadid fbclid feature forceview fref from fromclassroom ftag gbraid gcl_au gclid gclsrc gdfms groupid gs_l \
    gs_lcrp guccounter guce_referrer guce_referrer_sig h_sid h_slt hc_ref hmsr hrc hsctatracking hubspotutk icid ictx \
    ig_rid igsh igshid inf_contact_key inpopup intcid ircid irclickid irgwc is_copy_url is_from_webapp isappinstalled iss \
    itscg itsct kenshoo_clickid lang li_fat_id lici lipi login_hint lt_r mbid mc mcid medium mibextid mkcid mkevt mkrid \
    mkt_tok mkwid module_item_id msclkid msockid ncid ndclid notifyeditingon nr_email_referer ns_campaign ns_linkname \
    ns_mchannel ns_source nsukey ocid openexternalbrowser openinapp oq originalreferer os_ehash ou pcampaignid pcrid \
    pin_unauth pli pp raneaid ranmid ransiteid rb_clickid rcm rdid rdt rdt_cid recruiter redirect redirect_log_mongo_id \
    redirect_mongo_id ref ref_ ref_campaign ref_component ref_id ref_source ref_src ref_url refcode referer referral \
    referrer refid refsrc reserved return_to s s_campaign s_cid s_kwcid sa sb_referer_host sca_esv sccid scm sdata sei \
    sender_device sesskey sfnsn si smid social_share source spjobid spm spm_id_from spmailingid spref spreportid spuserid \
    src srsltid sscid sznclid t tag target_link_uri tblci tduid tenantid trackid tracking_source trackingcode trackingid \
    trk trkcampaign trkinfo ttclid twclid unicorn_click_id usg usp usqp ust vd_source ved verifier vgo_ee wbraid \
    wechat_redirect wickedid wickedsource wprov wrap wtmc wtrid wtzmc wxshare_count xhsshare xmt xsec_source xtor yadclid \
    yadordid yclid ymclid ysclid zanpid zarsrc";

/// What families of such keys begin with.
const FAMILIES: &str = "__cf_chl_ __cft__ __xts__ _branch_ _cf_chl_ _x_tr_ ad_ at_ brave- bsft_ cf_chl_ cm_ context_ \
    custom_ cx_ dop_ et_ ext_ fb_ ga_ gad_ hmb_ hsa_ int_ ir_ itm_ launch_ lis_ lti_ matomo_ mc_ ml_ mtm nb_ oauth_ oft_ \
    oly_ otm_ pd_rd_ pf_rd_ piwik_ pk_ resource_link_ sc_ sfmc_ share_ sms_ soc_ ss_ stm_ tool_consumer_ trk_ utm vero_ vn_ wt. \
    wt_";

/// Whether a key, in small letters, is one that is added on the way.
pub(super) fn is_added(key: &str) -> bool {
    let family = |family| key.starts_with(family);
    // mc with any letter before it is a marketing code.
    let code = key.len() == 3 && key.ends_with("mc");
    code || ADDED.split(' ').any(|added| added == key) || FAMILIES.split(' ').any(family)
}
